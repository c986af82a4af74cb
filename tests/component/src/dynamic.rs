//! Values of the contract from JSON and back, by their types: what a host does that knows the
//! contract only when it runs.

use notation::typed::json::{self, Json};
use wasmtime::component::{ResourceAny, Type, Val};

/// A value of a type; `None` where the JSON has another shape.
pub(crate) fn lower(json: &Json, kind: &Type) -> Option<Val> {
    let each = |list: &Json, kind: &Type| -> Option<Vec<Val>> {
        list.as_array()?.iter().map(|it| lower(it, kind)).collect()
    };
    Some(match kind {
        Type::Bool => Val::Bool(json.as_bool()?),
        Type::U64 => Val::U64(json::to_number(json)?),
        Type::Enum(_) => Val::Enum(json::to_name(json)?.into()),
        Type::List(list) => match list.ty() {
            Type::U8 => Val::List(json::to_bytes(json)?.into_iter().map(Val::U8).collect()),
            kind => Val::List(each(json, &kind)?),
        },
        Type::Tuple(tuple) => {
            let parts = json["tuple"].as_array()?.iter().zip(tuple.types());
            Val::Tuple(parts.map(|(json, kind)| lower(json, &kind)).collect::<Option<_>>()?)
        }
        Type::Record(record) => {
            let fields = record.fields();
            let fields = fields.map(|it| Some((it.name.into(), lower(&json[it.name], &it.ty)?)));
            Val::Record(fields.collect::<Option<_>>()?)
        }
        Type::Variant(variant) => {
            let tag = json::to_name(&json["tag"])?;
            let kind = variant.cases().find(|case| case.name == tag)?.ty;
            let value = kind.map(|kind| lower(&json["val"], &kind));
            Val::Variant(tag.into(), value.map(|it| it.map(Box::new).ok_or(())).transpose().ok()?)
        }
        Type::Option(_) if json.is_null() => Val::Option(None),
        Type::Option(option) => Val::Option(Some(Box::new(lower(json, &option.ty())?))),
        _ => return None,
    })
}

/// JSON of a value. A handle becomes null, and is put aside.
pub(crate) fn lift(value: Val, kind: &Type, handle: &mut Option<ResourceAny>) -> Json {
    let mut lift = |value, kind: &Type| lift(value, kind, handle);
    match (value, kind) {
        (Val::Bool(flag), _) => flag.into(),
        (Val::U64(number), _) => json::number(number),
        (Val::Enum(text) | Val::String(text), _) => json::name(&text),
        (Val::List(values), Type::List(list)) => match list.ty() {
            Type::U8 => {
                let byte = |value| if let Val::U8(byte) = value { byte } else { 0 };
                json::bytes(&values.into_iter().map(byte).collect::<Vec<_>>())
            }
            kind => values.into_iter().map(|it| lift(it, &kind)).collect(),
        },
        (Val::Tuple(values), Type::Tuple(tuple)) => {
            values.into_iter().zip(tuple.types()).map(|(it, kind)| lift(it, &kind)).collect()
        }
        (Val::Record(values), Type::Record(record)) => {
            let values = values.into_iter().zip(record.fields());
            values.map(|((name, it), field)| (name, lift(it, &field.ty))).collect()
        }
        (Val::Variant(tag, value), Type::Variant(variant)) => {
            let kind = variant.cases().find(|case| case.name == tag).and_then(|case| case.ty);
            json::case(&tag, value.zip(kind).map_or(Json::Null, |(it, kind)| lift(*it, &kind)))
        }
        (Val::Option(Some(value)), Type::Option(option)) => lift(*value, &option.ty()),
        (Val::Resource(resource), _) => {
            *handle = Some(resource);
            Json::Null
        }
        _ => Json::Null,
    }
}
