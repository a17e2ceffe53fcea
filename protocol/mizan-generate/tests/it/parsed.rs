//! Generated files as a TypeScript parser sees them.

use std::path::Path;

use mizan_generate::GeneratedFile;
use oxc_allocator::Allocator;
use oxc_ast::ast::{
    Argument, BindingPattern, Declaration, Expression, ImportDeclarationSpecifier,
    ObjectPropertyKind, Statement, TSSignature, VariableDeclaration,
};
use oxc_parser::Parser;
use oxc_span::{GetSpan, SourceType, Span};

/// What one top-level statement declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Declared {
    Import(Vec<String>),
    /// `export * from` or `export { … } from`.
    Export(String),
    /// `export {}`.
    Nothing,
    /// Name and keys; index signatures are `[]`.
    Interface(String, Vec<String>),
    Alias(String),
    /// `export const name = /* @__PURE__ */ define({ name: wire })`.
    Definition {
        name: String,
        define: String,
        wire: String,
    },
    Function(String),
    /// A function that is not exported.
    Helper(String),
}

impl Declared {
    /// The identifier that the statement declares in its module, if it does.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Interface(name, _)
            | Self::Alias(name)
            | Self::Definition { name, .. }
            | Self::Function(name)
            | Self::Helper(name) => Some(name),
            Self::Import(_) | Self::Export(_) | Self::Nothing => None,
        }
    }
}

/// Parses a file; anything but the statements above fails the test.
#[track_caller]
pub(crate) fn parse(file: &GeneratedFile) -> Vec<Declared> {
    let allocator = Allocator::default();
    let kind = SourceType::from_path(Path::new(&file.path)).unwrap();
    let parsed = Parser::new(&allocator, &file.text, kind).parse();
    let complaints: Vec<_> = parsed.diagnostics.iter().map(ToString::to_string).collect();
    assert!(!parsed.panicked && complaints.is_empty(), "{complaints:?} in\n{}", file.text);
    assert!(parsed.program.directives.is_empty(), "a directive in\n{}", file.text);
    let statements = parsed.program.body.iter();
    statements
        .map(|statement| {
            declared(statement).unwrap_or_else(|| panic!("{statement:?} in\n{}", file.text))
        })
        .collect()
}

fn declared(statement: &Statement<'_>) -> Option<Declared> {
    Some(match statement {
        Statement::ImportDeclaration(import) => {
            let names = import.specifiers.iter().flatten().map(|specifier| match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(one) => {
                    Some(one.local.name.to_string())
                }
                _ => None,
            });
            Declared::Import(names.collect::<Option<_>>()?)
        }
        Statement::ExportAllDeclaration(all) => Declared::Export(all.source.value.to_string()),
        Statement::ExportFromDeclaration(some) => Declared::Export(some.source.value.to_string()),
        Statement::ExportNamedDeclaration(none) if none.specifiers.is_empty() => Declared::Nothing,
        Statement::FunctionDeclaration(helper) => {
            Declared::Helper(helper.id.as_ref()?.name.to_string())
        }
        Statement::VariableDeclaration(variables) => Declared::Helper(component(variables)?),
        Statement::ExportDeclaration(export) => exported(&export.declaration)?,
        _ => return None,
    })
}

/// The name of a component of Vue.
fn component(variables: &VariableDeclaration<'_>) -> Option<String> {
    let [variable] = variables.declarations.as_slice() else { return None };
    let BindingPattern::BindingIdentifier(name) = &variable.id else { return None };
    let Some(Expression::CallExpression(call)) = &variable.init else { return None };
    let Expression::Identifier(define) = &call.callee else { return None };
    let is_component = define.name == "defineComponent"
        && matches!(call.arguments.first(), Some(Argument::ArrowFunctionExpression(_)));
    (call.pure && is_component).then(|| name.name.to_string())
}

fn exported(declaration: &Declaration<'_>) -> Option<Declared> {
    Some(match declaration {
        Declaration::FunctionDeclaration(function) => {
            Declared::Function(function.id.as_ref()?.name.to_string())
        }
        Declaration::TSTypeAliasDeclaration(alias) => Declared::Alias(alias.id.name.to_string()),
        Declaration::TSInterfaceDeclaration(interface) => {
            let keys = interface.body.body.iter().map(|signature| match signature {
                TSSignature::TSPropertySignature(property) => {
                    Some(property.key.static_name()?.into_owned())
                }
                TSSignature::TSIndexSignature(_) => Some("[]".to_owned()),
                _ => None,
            });
            Declared::Interface(interface.id.name.to_string(), keys.collect::<Option<_>>()?)
        }
        Declaration::VariableDeclaration(variables) => {
            if let Some(name) = component(variables) {
                return Some(Declared::Function(name));
            }
            let [variable] = variables.declarations.as_slice() else {
                return None;
            };
            let BindingPattern::BindingIdentifier(name) = &variable.id else {
                return None;
            };
            let Some(Expression::CallExpression(call)) = &variable.init else {
                return None;
            };
            let Expression::Identifier(define) = &call.callee else {
                return None;
            };
            let [Argument::ObjectExpression(object)] = call.arguments.as_slice() else {
                return None;
            };
            let ObjectPropertyKind::ObjectProperty(first) = object.properties.first()? else {
                return None;
            };
            let Expression::StringLiteral(wire) = &first.value else {
                return None;
            };
            if !call.pure || first.key.static_name()? != "name" {
                return None;
            }
            Declared::Definition {
                name: name.name.to_string(),
                define: define.name.to_string(),
                wire: wire.value.to_string(),
            }
        }
        _ => return None,
    })
}

/// A place where a word is in code, which is neither text nor comment.
#[derive(Debug)]
pub(crate) struct Place {
    /// The position of the statement in its file.
    pub(crate) statement: usize,
    /// The field, where the statement is an interface.
    pub(crate) key: Option<String>,
}

/// Where a word is in the code of a file.
#[track_caller]
pub(crate) fn written(file: &GeneratedFile, word: &str) -> Vec<Place> {
    let allocator = Allocator::default();
    let kind = SourceType::from_path(Path::new(&file.path)).unwrap();
    let parsed = Parser::new(&allocator, &file.text, kind).parse();
    let code = code(&file.text);
    let holds = |span: Span| code[span.start as usize..span.end as usize].contains(word);
    let mut places = Vec::new();
    for (at, statement) in parsed.program.body.iter().enumerate() {
        if !holds(statement.span()) {
            continue;
        }
        if let Statement::ExportDeclaration(export) = statement
            && let Declaration::TSInterfaceDeclaration(interface) = &export.declaration
        {
            let fields = interface.body.body.iter().filter(|field| holds(field.span()));
            places.extend(fields.map(|field| {
                let key = match field {
                    TSSignature::TSPropertySignature(field) => field.key.static_name(),
                    _ => None,
                };
                Place { statement: at, key: key.map(|key| key.into_owned()) }
            }));
        } else {
            places.push(Place { statement: at, key: None });
        }
    }
    places
}

/// The text with spaces for all that is in quotes and comments; generated code has one kind of
/// each.
fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first == '"' {
            let mut escaped = false;
            let end = rest.char_indices().skip(1).find(|(_, char)| {
                let ends = *char == '"' && !escaped;
                escaped = *char == '\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |(at, _)| at + 1)
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |at| at + 2)
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        code.extend(std::iter::repeat_n(' ', length));
        rest = &rest[length..];
    }
    code
}
