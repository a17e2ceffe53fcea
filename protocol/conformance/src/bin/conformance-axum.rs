//! The applications under test, served by `mizan-axum`.

use mizan_conformance::app;

fn main() -> Result<(), app::Fault> {
    mizan_axum::block_on(async {
        let mizan = app::chosen().await?;
        Ok(mizan_axum::run(mizan, app::address()?).await?)
    })
}
