//! The settings of an engine as JavaScript passes them.

use alloc::string::String;

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use crate::state::{Config, DebugCommand};

/// An object, in which what is missing keeps its default.
pub(super) struct Settings<'a>(pub &'a JsValue);

impl Settings<'_> {
    fn get(&self, name: &str) -> Option<JsValue> {
        let value = Reflect::get(self.0, &JsValue::from_str(name)).ok()?;
        (!value.is_undefined()).then_some(value)
    }

    /// A whole number from 0 to `most`.
    fn number(&self, name: &str, most: u64) -> Result<Option<u64>, JsError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        // The cast saturates, so only a whole number that is not negative comes back unchanged.
        let number = value.as_f64().filter(|number| (*number as u64) as f64 - number == 0.0);
        match number.map(|number| number as u64).filter(|number| *number <= most) {
            Some(number) => Ok(Some(number)),
            None => Err(JsError::new(&[name, " must be a whole number in range"].concat())),
        }
    }

    fn text(&self, name: &str) -> Result<Option<String>, JsError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let text = value.as_string();
        text.map(Some).ok_or_else(|| JsError::new(&[name, " must be a string"].concat()))
    }

    pub(super) fn config(&self) -> Result<Config, JsError> {
        let mut config = Config::default();
        let numbers = [
            ("maxclients", &mut config.max_sessions),
            ("maxmemory", &mut config.max_memory),
            ("protoMaxBulkLen", &mut config.max_bulk_len),
            ("queryBufferLimit", &mut config.query_buffer_limit),
            ("outputBufferLimit", &mut config.output_buffer_limit),
            ("seed", &mut config.seed),
            ("streamNodeMaxEntries", &mut config.block_limits.max_entries),
            ("streamNodeMaxBytes", &mut config.block_limits.max_bytes),
        ];
        for (name, target) in numbers {
            *target = self.number(name, u64::MAX)?.unwrap_or(*target);
        }
        if let Some(databases) = self.number("databases", 1 << 16)? {
            config.databases = databases as u32;
        }
        if let Some(port) = self.number("port", u64::from(u16::MAX))? {
            config.port = port as u16;
        }
        if let Some(name) = self.text("enableDebugCommand")? {
            let known = DebugCommand::ALL.into_iter().find(|it| it.name() == name);
            config.debug_command = known
                .ok_or_else(|| JsError::new("enableDebugCommand must be 'no', 'local' or 'yes'"))?;
        }
        let password = self.text("requirepass")?.filter(|password| !password.is_empty());
        config.password = password.map(|password| password.into_bytes().into_boxed_slice());
        Ok(config)
    }
}
