//! Something that Go can call: a function, a method, a constructor.

use uniffi_bindgen::interface::{Argument, AsType, Callable, FfiFunction, FfiType, Function, Object};
use uniffi_meta::Type;

use crate::name::{argument, exported};

/// One callable thing, in one form.
pub(crate) struct Call<'a> {
    pub(crate) name: String,
    pub(crate) doc: Option<&'a str>,
    /// The object whose method it is.
    pub(crate) object: Option<&'a Object>,
    pub(crate) arguments: Vec<Given>,
    pub(crate) returns: Option<Type>,
    pub(crate) throws: Option<Type>,
    pub(crate) is_async: bool,
    pub(crate) c: &'a FfiFunction,
}

/// An argument.
pub(crate) struct Given {
    pub(crate) name: String,
    pub(crate) kind: Type,
    /// Bytes that Rust only looks at, so that they need no copy.
    pub(crate) is_borrowed: bool,
}

impl<'a> Call<'a> {
    pub(crate) fn of_function(function: &'a Function) -> Self {
        Self::new(exported(function.name()), function, None, function.docstring(), function.ffi_func())
    }

    /// The constructors and methods of an object.
    pub(crate) fn of_object(object: &'a Object) -> Vec<Self> {
        let name = exported(object.name());
        let constructors = object.constructors().into_iter().map(|constructor| {
            let called =
                if constructor.is_primary_constructor() { String::new() } else { exported(constructor.name()) };
            let call = Self::new(
                format!("New{name}{called}"),
                constructor,
                None,
                constructor.docstring(),
                constructor.ffi_func(),
            );
            Self { returns: Some(object.as_type()), ..call }
        });
        let methods = object.methods().into_iter().map(|method| {
            Self::new(exported(method.name()), method, Some(object), method.docstring(), method.ffi_func())
        });
        constructors.chain(methods).collect()
    }

    fn new(
        name: String,
        callable: &(impl Callable + ?Sized),
        object: Option<&'a Object>,
        doc: Option<&'a str>,
        c: &'a FfiFunction,
    ) -> Self {
        Self {
            name,
            doc,
            object,
            arguments: callable.arguments().into_iter().map(Given::from).collect(),
            returns: callable.return_type().cloned(),
            throws: callable.throws_type().cloned(),
            is_async: callable.is_async(),
            c,
        }
    }

    /// What C gives, in the end.
    pub(crate) fn returned(&self) -> Option<FfiType> {
        self.returns.as_ref().map(FfiType::from)
    }
}

impl From<&Argument> for Given {
    fn from(given: &Argument) -> Self {
        Self { name: argument(given.name()), kind: given.as_type(), is_borrowed: given.is_borrowed_bytes() }
    }
}
