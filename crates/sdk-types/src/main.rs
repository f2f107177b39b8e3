//! `sdk-types`: writes the types of every language anew; run it from the repository's root, as `make sdk-types` does.

use std::error::Error;
use std::fs;

fn main() -> Result<(), Box<dyn Error>> {
    let api = openclaw_sdk_types::read(&fs::read_to_string("openapi/openapi.json")?)?;
    for output in openclaw_sdk_types::OUTPUTS {
        fs::write(output.path, (output.print)(&api))?;
    }
    Ok(())
}
