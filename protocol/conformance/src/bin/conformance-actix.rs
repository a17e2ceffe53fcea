//! The application of the vectors, served by `mizan-actix` on `HOST` and `PORT`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    mizan_core::handle_cli()?;
    let host = std::env::var("HOST").unwrap_or_else(|_| "127.0.0.1".into());
    let port = std::env::var("PORT").map_or(Ok(0), |port| port.parse::<u16>())?;
    mizan_actix::block_on(async {
        let builder = mizan_conformance::app::builder().await;
        let mizan = builder.map_err(|error| error.to_string())?.build()?;
        Ok(mizan_actix::run(mizan, (host, port)).await?)
    })
}
