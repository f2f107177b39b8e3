//! From the tree to the typed configuration: a serde deserializer whose errors name the key, what was expected, what
//! was found, and where.

mod mistake;

pub(super) use mistake::nearest;

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::error::Problem;
use super::yaml::{Node, Value};
use mistake::{KEYS, LIST, Mistake, text};

/// Reads a type from a tree.
pub(super) fn decode<'de, T: de::Deserialize<'de>>(node: &'de Node) -> Result<T, Problem> {
    T::deserialize(node).map_err(|mistake| mistake.placed(node))
}

/// Numbers and truth values are read from text, so that a variable may hold them.
macro_rules! deserialize_parsed {
    ($($method:ident $visit:ident $type:ty: $expected:expr;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
            match text(self).map(str::parse::<$type>) {
                Some(Ok(value)) => visitor.$visit(value).map_err(|mistake: Mistake| mistake.at(self)),
                Some(Err(_)) | None => Err(Mistake::wrong_type($expected).at(self)),
            }
        }
    )+};
}

impl<'de> de::Deserializer<'de> for &'de Node {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        let value = match &self.value {
            Value::Blank => visitor.visit_unit(),
            Value::Scalar(scalar) => visitor.visit_str(&scalar.text),
            Value::List(items) => visitor.visit_seq(Items(items.iter())),
            Value::Mapping(entries) => visitor.visit_map(Entries::new(self, entries)),
        };
        value.map_err(|mistake| mistake.at(self))
    }

    deserialize_parsed! {
        deserialize_bool visit_bool bool: "`true` or `false`";
        deserialize_u8 visit_u8 u8: format!("a whole number from 0 to {}", u8::MAX);
        deserialize_u16 visit_u16 u16: format!("a whole number from 0 to {}", u16::MAX);
        deserialize_u32 visit_u32 u32: format!("a whole number from 0 to {}", u32::MAX);
        deserialize_u64 visit_u64 u64: "a whole number of 0 or more";
        deserialize_i64 visit_i64 i64: "a whole number";
        deserialize_f64 visit_f64 f64: "a number";
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        let text = text(self).ok_or_else(|| Mistake::wrong_type("text").at(self))?;
        visitor.visit_str(text).map_err(|mistake: Mistake| mistake.at(self))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.deserialize_str(visitor)
    }

    /// A key without a value is a slip, not a way to say that it is absent.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.value {
            Value::Blank => Err(Mistake::NoValue.at(self)),
            Value::Scalar(_) | Value::List(_) | Value::Mapping(_) => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Mistake> {
        visitor.visit_newtype_struct(self)
    }

    /// A list whose every item is commented out is empty.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        let items: &[Node] = match &self.value {
            Value::Blank => &[],
            Value::List(items) => items,
            Value::Scalar(_) | Value::Mapping(_) => return Err(Mistake::wrong_type(LIST).at(self)),
        };
        visitor.visit_seq(Items(items.iter())).map_err(|mistake| mistake.at(self))
    }

    /// A section whose every key is commented out is empty.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        let entries: &[(String, Node)] = match &self.value {
            Value::Blank => &[],
            Value::Mapping(entries) => entries,
            Value::Scalar(_) | Value::List(_) => return Err(Mistake::wrong_type(KEYS).at(self)),
        };
        visitor.visit_map(Entries::new(self, entries)).map_err(|mistake| mistake.at(self))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        choices: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        let text = text(self).ok_or_else(|| Mistake::UnknownChoice(choices).at(self))?;
        visitor.visit_enum(Choice(text)).map_err(|mistake| mistake.at(self))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

struct Items<'de>(std::slice::Iter<'de, Node>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Mistake;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Mistake> {
        self.0.next().map(|item| seed.deserialize(item)).transpose()
    }
}

struct Entries<'de> {
    parent: &'de Node,
    left: std::slice::Iter<'de, (String, Node)>,
    value: Option<&'de Node>,
}

impl<'de> Entries<'de> {
    fn new(parent: &'de Node, entries: &'de [(String, Node)]) -> Self {
        Self { parent, left: entries.iter(), value: None }
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Mistake;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Mistake> {
        let Some((key, node)) = self.left.next() else {
            return Ok(None);
        };
        self.value = Some(node);
        let deserializer: StrDeserializer<'_, Mistake> = key.as_str().into_deserializer();
        seed.deserialize(deserializer).map(Some).map_err(|mistake| mistake.at_key(self.parent, key, node))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Mistake> {
        let node = self.value.take().expect("serde asks for a value after its key");
        seed.deserialize(node).map_err(|mistake| mistake.at(node))
    }
}

/// One of an enum's names.
struct Choice<'de>(&'de str);

impl<'de> EnumAccess<'de> for Choice<'de> {
    type Error = Mistake;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Mistake> {
        let deserializer: StrDeserializer<'_, Mistake> = self.0.into_deserializer();
        Ok((seed.deserialize(deserializer)?, self))
    }
}

impl<'de> VariantAccess<'de> for Choice<'de> {
    type Error = Mistake;

    fn unit_variant(self) -> Result<(), Mistake> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Mistake> {
        Err(de::Error::custom("a choice holds no further value"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Mistake> {
        Err(de::Error::custom("a choice holds no further value"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Mistake> {
        Err(de::Error::custom("a choice holds no further value"))
    }
}
