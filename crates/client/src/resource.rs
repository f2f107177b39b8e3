//! What every resource is: a way to the gateway, and options for the calls made through it.

/// Makes the type of a resource; its calls follow in an `impl` of their own.
macro_rules! resource {
    ($(#[doc = $doc:literal])+ $name:ident) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug)]
        pub struct $name {
            transport: $crate::transport::Transport,
            options: $crate::RequestOptions,
        }

        impl $name {
            pub(crate) fn new(transport: &$crate::transport::Transport) -> Self {
                Self { transport: transport.clone(), options: $crate::RequestOptions::default() }
            }

            /// Says how the calls made through this are to go.
            #[must_use]
            pub fn with(mut self, options: $crate::RequestOptions) -> Self {
                self.options = options;
                self
            }
        }
    };
}

pub(crate) use resource;
