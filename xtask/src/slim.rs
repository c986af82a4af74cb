//! Makes a component smaller: without the names of its parts, with short names where nobody looks.
//!
//! Functions of the module inside, and what the components inside import, are matched by names that
//! tell package, interface and version each time. Only what the component itself imports and
//! exports has to be called so.

use std::collections::BTreeMap;
use std::convert::Infallible;

use anyhow::{Result, anyhow};
use wasm_encoder::reencode::{Error, Reencode, ReencodeComponent, component_utils, utils};
use wasm_encoder::{
    Alias, Component, ComponentAliasSection, ComponentExportKind, ComponentImportSection,
    ComponentInstanceSection, ExportSection,
};
use wasmparser::{
    ComponentAliasSectionReader, ComponentImportSectionReader, ComponentInstance,
    CustomSectionReader, Export, Parser, Validator,
};

/// The same component in fewer bytes.
pub fn component(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut slim = Component::new();
    Slimmer::default()
        .parse_component(&mut slim, Parser::new(0), bytes)
        .map_err(|error| anyhow!("the component cannot be read: {error}"))?;
    let slim = slim.finish();
    Validator::new().validate_all(&slim)?;
    Ok(slim)
}

/// A copy is made section by section; what is not mentioned here stays as it is.
#[derive(Default)]
struct Slimmer {
    short: BTreeMap<String, String>,
    /// How many components, or modules, are around.
    depth: usize,
}

impl Slimmer {
    /// One name for another, the same each time: letters, since names may not begin with a digit.
    fn short(&mut self, name: &str) -> String {
        let count = self.short.len();
        self.short.entry(name.to_owned()).or_insert_with(|| letters(count)).clone()
    }

    /// The same for names in modules, where hosts and toolchains know those without an interface.
    fn inner(&mut self, name: &str) -> String {
        if name.contains(':') { self.short(name) } else { name.to_owned() }
    }
}

/// a, b … z, aa, ab …
fn letters(mut number: usize) -> String {
    let mut name = Vec::new();
    loop {
        name.insert(0, b'a' + (number % 26) as u8);
        match number / 26 {
            0 => break name.into_iter().map(char::from).collect(),
            left => number = left - 1,
        }
    }
}

type Done = Result<(), Error<Infallible>>;

impl Reencode for Slimmer {
    type Error = Infallible;

    fn parse_export(&mut self, exports: &mut ExportSection, export: Export<'_>) -> Done {
        let name = self.inner(export.name);
        utils::parse_export(self, exports, Export { name: &name, ..export })
    }
}

impl ReencodeComponent for Slimmer {
    fn push_depth(&mut self) {
        self.depth += 1;
    }

    fn pop_depth(&mut self) {
        self.depth -= 1;
    }

    /// Names for debuggers, and of who produced it.
    fn parse_component_custom_section(
        &mut self,
        _: &mut Component,
        _: CustomSectionReader<'_>,
    ) -> Done {
        Ok(())
    }

    fn parse_component_import_section(
        &mut self,
        imports: &mut ComponentImportSection,
        section: ComponentImportSectionReader<'_>,
    ) -> Done {
        for import in section {
            let import = import?;
            let ty = self.component_type_ref(import.ty)?;
            match self.depth {
                0 => imports.import(import.name, ty),
                _ => imports.import(self.short(import.name.name).as_str(), ty),
            };
        }
        Ok(())
    }

    fn parse_component_alias_section(
        &mut self,
        aliases: &mut ComponentAliasSection,
        section: ComponentAliasSectionReader<'_>,
    ) -> Done {
        for alias in section {
            let alias = self.component_alias(alias?)?;
            if let Alias::CoreInstanceExport { instance, kind, name } = alias {
                let name = &self.inner(name);
                aliases.alias(Alias::CoreInstanceExport { instance, kind, name });
            } else {
                aliases.alias(alias);
            }
        }
        Ok(())
    }

    fn parse_component_instance(
        &mut self,
        instances: &mut ComponentInstanceSection,
        instance: ComponentInstance<'_>,
    ) -> Done {
        let ComponentInstance::Instantiate { component_index, args } = instance else {
            return component_utils::parse_component_instance(self, instances, instance);
        };
        let args: Vec<_> = args
            .iter()
            .map(|arg| (self.short(arg.name), ComponentExportKind::from(arg.kind), arg.index))
            .collect();
        instances.instantiate(component_index, args);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{Component, ComponentExportKind, ComponentImportSection, ComponentTypeRef};
    use wasm_encoder::{
        ComponentInstanceSection, CustomSection, NestedComponentSection, TypeBounds,
    };

    #[test]
    fn names_inside_are_short_and_those_outside_as_they_were() {
        let mut inner = Component::new();
        let mut imports = ComponentImportSection::new();
        imports.import("import-type-entry", ComponentTypeRef::Type(TypeBounds::SubResource));
        inner.section(&imports);
        let mut whole = Component::new();
        let mut imports = ComponentImportSection::new();
        imports.import("entry", ComponentTypeRef::Type(TypeBounds::SubResource));
        whole.section(&imports).section(&NestedComponentSection(&inner));
        let mut instances = ComponentInstanceSection::new();
        instances.instantiate(0, [("import-type-entry", ComponentExportKind::Type, 0)]);
        whole.section(&instances);
        whole.section(&CustomSection { name: "component-name".into(), data: (&[0][..]).into() });
        let before = whole.finish();
        let after = super::component(&before).unwrap();
        let holds = |bytes: &[u8], text: &str| {
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        };
        assert!(holds(&before, "import-type-entry") && holds(&before, "component-name"));
        assert!(!holds(&after, "import-type-entry") && !holds(&after, "component-name"));
        assert!(holds(&after, "entry"));
        assert!(super::component(&before[..before.len() - 1]).is_err());
    }

    #[test]
    fn every_number_has_letters_of_its_own() {
        let names: std::collections::BTreeSet<_> = (0..800).map(super::letters).collect();
        assert_eq!(names.len(), 800);
        assert_eq!([0, 25, 26, 701, 702].map(super::letters), ["a", "z", "aa", "zz", "aaa"]);
    }
}
