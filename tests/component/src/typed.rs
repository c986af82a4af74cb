//! The typed functions under a player's hands, called by name.

use notation::typed::json::{self, Json};
use notation::typed::{Calls, Outcome};
use wasmtime::component::{ResourceAny, Type, Val};

use crate::dynamic::{lift, lower};
use crate::player::Player;

impl Player {
    /// Calls a function of an interface with a handle and what stands behind it.
    fn invoke(
        &mut self,
        (interface, name): (&str, &str),
        handle: ResourceAny,
        arguments: &[Json],
    ) -> Result<(Val, Type), String> {
        let store = &mut self.host.store;
        let instance = &self.host.instance;
        let interface = format!("brooklet:streams/{interface}@0.1.0");
        let place = instance.get_export_index(&mut *store, None, &interface);
        let index = instance.get_export_index(&mut *store, place.as_ref(), name);
        let function = index.and_then(|index| instance.get_func(&mut *store, index));
        let function = function.ok_or_else(|| format!("there is no {name} in {interface}"))?;
        let kind = function.ty(&*store);
        let mut values = vec![Val::Resource(handle)];
        for (json, (name, kind)) in arguments.iter().zip(kind.params().skip(1)) {
            values.push(lower(json, &kind).ok_or_else(|| format!("no {name}: {json}"))?);
        }
        let mut results = [Val::Bool(false)];
        function.call(&mut *store, &values, &mut results).map_err(|trap| format!("{trap:?}"))?;
        let [result] = results;
        Ok((result, kind.results().next().ok_or("no result")?))
    }

    /// What a result came to; a read that waits is kept under its number.
    fn outcome(&mut self, result: Val, kind: &Type) -> Result<Outcome, String> {
        let (Val::Result(result), Type::Result(kind)) = (result, kind) else {
            return Err(format!("no result: {kind:?}"));
        };
        let mut read = None;
        let mut part = |value: Option<Box<Val>>, kind: Option<Type>| {
            value.zip(kind).map_or(Json::Null, |(value, kind)| lift(*value, &kind, &mut read))
        };
        let outcome = match result {
            Ok(value) => Ok(part(value, kind.ok())),
            Err(value) => Err(part(value, kind.err())),
        };
        let Some(read) = read else { return Ok(outcome) };
        let reads = self.host.engine.brooklet_streams_streams().pending_read();
        let id = reads.call_id(&mut self.host.store, read).map_err(|trap| format!("{trap:?}"))?;
        self.reads.insert(id, read);
        Ok(Ok(json::case("pending", json::number(id))))
    }

    fn waiting(&self, read: u64) -> Result<ResourceAny, String> {
        self.reads.get(&read).copied().ok_or_else(|| format!("no read {read}"))
    }
}

impl Calls for Player {
    fn call(&mut self, function: &str, arguments: &[Json]) -> Result<Outcome, String> {
        let database = self.database.ok_or("no database")?;
        let place = function.split_once('.').ok_or("no function")?;
        let (result, kind) = self.invoke(place, database, arguments)?;
        let outcome = self.outcome(result, &kind)?;
        self.drain()?;
        Ok(outcome)
    }

    fn take(&mut self, read: u64) -> Result<Option<Outcome>, String> {
        let handle = self.waiting(read)?;
        let taken = self.invoke(("streams", "[method]pending-read.take"), handle, &[])?;
        match taken {
            (Val::Option(Some(result)), Type::Option(kind)) => {
                let outcome = self.outcome(*result, &kind.ty())?;
                self.end(read)?;
                Ok(Some(outcome))
            }
            _ => Ok(None),
        }
    }

    fn end(&mut self, read: u64) -> Result<(), String> {
        let handle = self.waiting(read)?;
        self.reads.remove(&read);
        handle.resource_drop(&mut self.host.store).map_err(|trap| format!("{trap:?}"))
    }
}
