//! What samples say: median, minimum, ratio, and whether an aim is met.

/// The samples of one figure.
#[derive(Clone, Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// Adds a sample.
    pub fn push(&mut self, sample: f64) {
        self.0.push(sample);
        self.0.sort_by(f64::total_cmp);
    }

    /// The one in the middle, or between the two in the middle.
    pub fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        match self.0.len() {
            0 => f64::NAN,
            count if count % 2 == 1 => self.0[middle],
            _ => f64::midpoint(self.0[middle - 1], self.0[middle]),
        }
    }

    /// The smallest.
    pub fn min(&self) -> f64 {
        self.0.first().copied().unwrap_or(f64::NAN)
    }

    /// `median (min)`, with three digits that matter.
    pub fn text(&self) -> String {
        format!("{} ({})", digits(self.median()), digits(self.min()))
    }
}

impl FromIterator<f64> for Samples {
    fn from_iter<I: IntoIterator<Item = f64>>(samples: I) -> Self {
        let mut all = Self::default();
        samples.into_iter().for_each(|sample| all.push(sample));
        all
    }
}

/// A figure with about three digits that matter.
pub fn digits(figure: f64) -> String {
    let decimals = match figure.abs() {
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{figure:.decimals$}")
}

/// Which aims are met.
#[derive(Default)]
pub struct Verdicts(Vec<(String, bool)>);

impl Verdicts {
    /// Marks `figure`, which should be `aim` at most.
    pub fn judge(&mut self, what: &str, figure: f64, aim: f64) -> String {
        let met = figure <= aim;
        self.0.push((what.to_owned(), met));
        format!("{} {}", digits(figure), if met { "✓" } else { "✗" })
    }

    /// How many are met, and which are not; nothing when there were none.
    pub fn text(&self) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let missed: Vec<_> =
            self.0.iter().filter(|(_, met)| !met).map(|(what, _)| what.as_str()).collect();
        let met = self.0.len() - missed.len();
        let rest = match missed.join("; ") {
            none if none.is_empty() => none,
            some => format!(" Missed (✗): {some}."),
        };
        Some(format!("Aims met (✓): {met} of {}.{rest}", self.0.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Samples, Verdicts, digits};

    #[test]
    fn the_median_is_in_the_middle() {
        let samples: Samples = [3.0, 1.0, 2.0].into_iter().collect();
        assert_eq!(samples.text(), "2.00 (1.00)");
        let samples: Samples = [40.0, 10.0, 20.0, 30.0].into_iter().collect();
        assert_eq!(samples.text(), "25.0 (10.0)");
    }

    #[test]
    fn three_digits_matter() {
        assert_eq!([0.456, 45.67, 456.7].map(digits), ["0.46", "45.7", "457"]);
    }

    #[test]
    fn an_aim_is_met_when_reached() {
        let mut verdicts = Verdicts::default();
        assert_eq!(verdicts.text(), None);
        assert_eq!(verdicts.judge("one", 0.5, 0.5), "0.50 ✓");
        assert_eq!(verdicts.judge("other", 0.6, 0.5), "0.60 ✗");
        assert_eq!(verdicts.judge("unknown", f64::NAN, 0.5), "NaN ✗");
        let text = "Aims met (✓): 1 of 3. Missed (✗): other; unknown.";
        assert_eq!(verdicts.text().as_deref(), Some(text));
    }
}
