//! The templates, and what is written into them. All of it is escaped: every name ends in `.html`.

use mizan_core::{RawRequest, Result, View};
use serde::Serialize;
use tera::{Context, Tera};

/// The templates, which are part of the binary.
pub struct Pages(Tera);

impl Pages {
    /// Parses them; fails where one of them is wrong.
    pub fn new() -> Result<Self, tera::Error> {
        let mut tera = Tera::new();
        tera.add_raw_templates([
            ("base.html", include_str!("../../templates/base.html")),
            ("fields.html", include_str!("../../templates/fields.html")),
            ("notice.html", include_str!("../../templates/notice.html")),
            ("profile.html", include_str!("../../templates/profile.html")),
            ("sign-in.html", include_str!("../../templates/sign-in.html")),
        ])?;
        Ok(Self(tera))
    }

    pub(super) fn page(&self, name: &str, context: &Context) -> Result<View> {
        Ok(View::html(self.0.render(name, context)?))
    }

    /// A page with a form: its status is 422 where something is to be corrected.
    pub(super) fn form(
        &self,
        name: &str,
        request: &RawRequest,
        fields: &[Field<'_>],
        mut context: Context,
    ) -> Result<View> {
        let faulty = fields.iter().any(Field::is_faulty) || context.contains_key("complaint");
        context.insert("csrf_token", &request.csrf_token());
        context.insert("fields", fields);
        let status = if faulty { 422 } else { 200 };
        Ok(self.page(name, &context)?.with_status(status))
    }

    /// A page that only says something.
    pub(super) fn notice(&self, status: u16, title: &str, text: &str) -> Result<View> {
        let mut context = titled(title);
        context.insert("text", text);
        Ok(self.page("notice.html", &context)?.with_status(status))
    }
}

/// What every page needs.
pub(super) fn titled(title: &str) -> Context {
    let mut context = Context::new();
    context.insert("title", title);
    context
}

/// A labelled input, with what was typed into it and what is wrong with that.
#[derive(Serialize)]
pub(super) struct Field<'a> {
    name: &'static str,
    label: &'static str,
    /// The type of an `<input>`, or `textarea`.
    kind: &'static str,
    autocomplete: &'static str,
    value: &'a str,
    message: Option<String>,
}

impl<'a> Field<'a> {
    pub(super) fn new(name: &'static str, label: &'static str, kind: &'static str) -> Self {
        Self { name, label, kind, autocomplete: "on", value: "", message: None }
    }

    pub(super) fn autocomplete(mut self, autocomplete: &'static str) -> Self {
        self.autocomplete = autocomplete;
        self
    }

    pub(super) fn value(mut self, value: &'a str) -> Self {
        self.value = value;
        self
    }

    /// Adds the message of a rule that does not hold.
    pub(super) fn checked(mut self, result: garde::Result) -> Self {
        self.message = self.message.or(result.err().map(|error| error.to_string()));
        self
    }

    pub(super) fn is_faulty(&self) -> bool {
        self.message.is_some()
    }
}
