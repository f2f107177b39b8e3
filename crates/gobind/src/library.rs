//! A library's interface, as its metadata tells it.

use std::collections::{BTreeMap, HashSet};

use anyhow::{Result, bail, ensure};
use camino::Utf8Path;
use uniffi_bindgen::interface::{AsType, ComponentInterface, FfiType};
use uniffi_bindgen::{BindgenLoader, BindgenPaths, GlobalConfig};
use uniffi_meta::{EnumShape, Metadata, Type};

use crate::call::Call;

/// The version of uniffi's C interface that this prints for.
const CONTRACT: u32 = 30;

/// What is printed.
pub(crate) struct Library {
    pub(crate) ci: ComponentInterface,
    /// Errors of which only the text crosses.
    flat_errors: HashSet<String>,
}

impl Library {
    pub(crate) fn read(path: &Utf8Path) -> Result<Self> {
        let loader = BindgenLoader::new(BindgenPaths::default(), GlobalConfig::default());
        let metadata = loader.load_metadata(path)?;
        let items = metadata.values().flat_map(|group| &group.items);
        let flat_errors = items.filter_map(flat_error).collect();
        let mut interfaces = loader.load_cis(metadata)?;
        let (Some(mut ci), true) = (interfaces.pop(), interfaces.is_empty()) else {
            bail!("{path} holds the interfaces of several crates; this prints one");
        };
        ensure!(
            ci.uniffi_contract_version() == CONTRACT,
            "the library has version {} of uniffi's interface, this prints {CONTRACT}",
            ci.uniffi_contract_version()
        );
        ci.derive_ffi_funcs()?;
        let library = Self { ci, flat_errors };
        library.refuse_what_is_not_printed()?;
        Ok(library)
    }

    /// The name of the crate, with which all its C functions begin.
    pub(crate) fn crate_name(&self) -> &str {
        self.ci.crate_name()
    }

    pub(crate) fn is_flat_error(&self, name: &str) -> bool {
        self.flat_errors.contains(name)
    }

    /// Functions that belong to no object.
    pub(crate) fn functions(&self) -> Vec<Call<'_>> {
        self.ci.function_definitions().iter().map(Call::of_function).collect()
    }

    /// Everything that Go can call.
    pub(crate) fn calls(&self) -> Vec<Call<'_>> {
        let methods = self.ci.object_definitions().iter().flat_map(Call::of_object);
        self.functions().into_iter().chain(methods).collect()
    }

    /// What futures give, by the word that uniffi has for it.
    pub(crate) fn awaited(&self) -> BTreeMap<String, Option<FfiType>> {
        let calls = self.calls();
        let awaited = calls.iter().filter(|call| call.is_async).map(Call::returned);
        awaited.map(|returned| (FfiType::return_type_name(returned.as_ref()), returned)).collect()
    }

    fn refuse_what_is_not_printed(&self) -> Result<()> {
        for kind in self.ci.iter_local_types().chain(self.ci.iter_external_types()) {
            match kind {
                Type::Custom { name, .. } => bail!("{name}: custom types are not printed"),
                Type::Set { .. } => bail!("sets are not printed"),
                kind if self.ci.is_external(kind) => bail!("{kind:?}: types of other crates are not printed"),
                _ => {}
            }
        }
        for object in self.ci.object_definitions() {
            ensure!(!object.is_trait_interface(), "{}: traits as objects are not printed", object.name());
            ensure!(!self.ci.is_name_used_as_error(object.name()), "{}: objects as errors", object.name());
        }
        for interface in self.ci.callback_interface_definitions() {
            ensure!(!interface.has_async_method(), "{}: async callbacks are not printed", interface.name());
        }
        let records = self.ci.record_definitions().iter();
        let enums = self.ci.enum_definitions().iter();
        let with_methods = records
            .map(|known| (known.as_type(), known.methods(), known.constructors()))
            .chain(enums.map(|known| (known.as_type(), known.methods(), known.constructors())))
            .find(|(_, methods, constructors)| !methods.is_empty() || !constructors.is_empty());
        ensure!(with_methods.is_none(), "methods of records and enums are not printed: {with_methods:?}");
        Ok(())
    }
}

fn flat_error(item: &Metadata) -> Option<String> {
    match item {
        Metadata::Enum(known) if known.shape == (EnumShape::Error { flat: true }) => Some(known.name.clone()),
        _ => None,
    }
}
