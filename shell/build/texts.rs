//! Makes Rust of the translations: every message of a Fluent file becomes a function, so that a text that is missing, or is
//! given other values than it wants, is found by the compiler, and one that nobody shows by its lints. What is shown is part of
//! the executable: nothing is read or parsed when the shell starts.
//!
//! Of Fluent it takes messages with attributes, `{ $variable }`, `{ "literal" }` and choices by number. A variable that a choice
//! is made by is a whole number, as is `$number`; every other one is text.

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Resource, Variant, VariantKey};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Messages of these families, `FAMILY-NAME`, are also found by their name.
const FAMILIES: [&str; 3] = ["portal", "device", "key"];

/// A message of one language.
struct Text<'a> {
    /// What it is for.
    comment: String,
    pattern: &'a Pattern<&'a str>,
    /// Its variables, and whether each is a number.
    variables: BTreeMap<&'a str, bool>,
}

/// The functions of all messages, in Rust: for each language its name, as a variant of `Language`, and its file. The first is
/// the one that the others are held against.
///
/// # Errors
/// One line for everything that is wrong with a file.
pub(crate) fn generate(languages: &[(&str, &str)]) -> Result<String, Vec<String>> {
    let mut faults = Vec::new();
    let mut parsed = Vec::new();
    for (language, source) in languages {
        match fluent_syntax::parser::parse(*source) {
            Ok(resource) => parsed.push((*language, resource)),
            Err((resource, errors)) => {
                faults.extend(errors.iter().map(|error| {
                    let line = source.get(..error.pos.start).map_or(0, |before| before.lines().count());
                    format!("{language}, near line {line}: {error}")
                }));
                parsed.push((*language, resource));
            }
        }
    }
    let all: Vec<_> = parsed
        .iter()
        .map(|(language, file)| (*language, texts(language, file, &mut faults)))
        .collect();
    let Some(((first, keys), others)) = all.split_first() else {
        return Err(vec!["there is no language".into()]);
    };
    for (language, texts) in others {
        for (key, text) in keys {
            match texts.get(key) {
                None => faults.push(format!("{language}: {key} is missing")),
                Some(other) if other.variables != text.variables => {
                    faults.push(format!("{language}: {key} has other variables than in {first}"));
                }
                Some(_) => {}
            }
        }
        faults.extend(
            texts
                .keys()
                .filter(|key| !keys.contains_key(*key))
                .map(|key| format!("{language}: {key} is not there in {first}")),
        );
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut code = String::new();
    for (key, text) in keys {
        function(&mut code, key, text, &all);
    }
    for family in FAMILIES {
        lookup(&mut code, family, keys.keys());
    }
    Ok(code)
}

fn texts<'a>(language: &str, file: &'a Resource<&'a str>, faults: &mut Vec<String>) -> BTreeMap<String, Text<'a>> {
    let mut texts = BTreeMap::new();
    for entry in &file.body {
        let Entry::Message(message) = entry else { continue };
        let comment = message
            .comment
            .as_ref()
            .map(|comment| comment.content.join(" "))
            .unwrap_or_default();
        let own = message
            .value
            .iter()
            .map(|pattern| (message.id.name.to_owned(), pattern));
        let attributes = message.attributes.iter();
        let attributes = attributes.map(|at| (format!("{}-{}", message.id.name, at.id.name), &at.value));
        for (key, pattern) in own.chain(attributes) {
            let mut variables = BTreeMap::new();
            if let Err(fault) = find_variables(pattern, &mut variables) {
                faults.push(format!("{language}: {key} {fault}"));
            }
            let text = Text {
                comment: comment.clone(),
                pattern,
                variables,
            };
            if texts.insert(key.clone(), text).is_some() {
                faults.push(format!("{language}: {key} is there twice"));
            }
        }
    }
    texts
}

fn find_variables<'a>(pattern: &'a Pattern<&'a str>, found: &mut BTreeMap<&'a str, bool>) -> Result<(), String> {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { .. } => {}
            PatternElement::Placeable {
                expression: Expression::Inline(inline),
            } => match inline {
                InlineExpression::VariableReference { id } => {
                    found.entry(id.name).or_insert(id.name == "number");
                }
                InlineExpression::StringLiteral { .. } => {}
                _ => return Err("uses something other than a variable, a literal or a choice".into()),
            },
            PatternElement::Placeable {
                expression: Expression::Select { selector, variants },
            } => {
                let InlineExpression::VariableReference { id } = selector else {
                    return Err("makes a choice by something that is no variable".into());
                };
                found.insert(id.name, true);
                for variant in variants {
                    check_key(&variant.key)?;
                    find_variables(&variant.value, found)?;
                }
            }
        }
    }
    Ok(())
}

fn check_key(key: &VariantKey<&str>) -> Result<(), String> {
    match key {
        VariantKey::NumberLiteral { value } if value.parse::<u64>().is_ok() => Ok(()),
        VariantKey::Identifier { name: "one" | "other" } => Ok(()),
        _ => Err("makes a choice by something else than one, other or a whole number".into()),
    }
}

/// The name of a message in Rust.
fn name(key: &str) -> String {
    key.replace('-', "_")
}

fn function(code: &mut String, key: &str, text: &Text<'_>, all: &[(&str, BTreeMap<String, Text<'_>>)]) {
    let plain = text.variables.is_empty();
    let kind = |number: &bool| if *number { "u64" } else { "&str" };
    let values: Vec<_> = text
        .variables
        .iter()
        .map(|(key, number)| format!("{}: {}", name(key), kind(number)))
        .collect();
    let result = if plain { "&'static str" } else { "String" };
    let shown: String = text.pattern.elements.iter().map(sample).collect();
    // Writing to a String can't fail, here and below.
    let _ = writeln!(code, "/// “{}”", shown.replace('\n', " "));
    if !text.comment.is_empty() {
        let _ = writeln!(code, "///\n/// {}", text.comment);
    }
    let _ = writeln!(
        code,
        "pub(crate) fn {}({}) -> {result} {{\n    match language() {{",
        name(key),
        values.join(", ")
    );
    for (language, texts) in all {
        let Some(text) = texts.get(key) else { continue };
        let _ = write!(code, "        Language::{language} => ");
        if plain {
            let _ = writeln!(code, "{:?},", constant(text.pattern));
        } else {
            code.push_str("{\n            let mut out = String::new();\n");
            statements(code, text.pattern, language);
            code.push_str("            out\n        }\n");
        }
    }
    code.push_str("    }\n}\n\n");
}

fn sample(element: &PatternElement<&str>) -> String {
    match element {
        PatternElement::TextElement { value } => (*value).to_owned(),
        PatternElement::Placeable {
            expression: Expression::Inline(InlineExpression::StringLiteral { value }),
        } => (*value).to_owned(),
        PatternElement::Placeable { .. } => "…".to_owned(),
    }
}

fn constant(pattern: &Pattern<&str>) -> String {
    pattern.elements.iter().map(sample).collect()
}

fn statements(code: &mut String, pattern: &Pattern<&str>, language: &str) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value }
            | PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::StringLiteral { value }),
            } => {
                let mut characters = value.chars();
                let _ = match (characters.next(), characters.next()) {
                    (Some(only), None) => writeln!(code, "out.push({only:?});"),
                    _ => writeln!(code, "out.push_str({value:?});"),
                };
            }
            PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::VariableReference { id }),
            } => {
                let _ = writeln!(code, "Value::put({}, &mut out);", name(id.name));
            }
            PatternElement::Placeable {
                expression: Expression::Select { selector, variants },
            } => {
                let InlineExpression::VariableReference { id } = selector else {
                    continue;
                };
                choice(code, &name(id.name), variants, language);
            }
            // Refused before.
            PatternElement::Placeable { .. } => {}
        }
    }
}

/// Exact numbers come first, then what the language takes for singular, then all others.
fn choice(code: &mut String, number: &str, variants: &[Variant<&str>], language: &str) {
    let _ = writeln!(code, "match {number} {{");
    for variant in variants {
        if let VariantKey::NumberLiteral { value } = variant.key {
            let _ = writeln!(code, "{value} => {{");
            statements(code, &variant.value, language);
            code.push_str("}\n");
        }
    }
    for variant in variants.iter().filter(|variant| !variant.default) {
        if matches!(variant.key, VariantKey::Identifier { name: "one" }) {
            let _ = writeln!(code, "n if Language::{language}.is_singular(n) => {{");
            statements(code, &variant.value, language);
            code.push_str("}\n");
        }
    }
    code.push_str("_ => {\n");
    for variant in variants.iter().filter(|variant| variant.default) {
        statements(code, &variant.value, language);
    }
    code.push_str("}\n}\n");
}

fn lookup<'a>(code: &mut String, family: &str, keys: impl Iterator<Item = &'a String>) {
    let _ = writeln!(code, "/// The text of the family “{family}” that has this name.");
    let _ = writeln!(
        code,
        "pub fn {family}(name: &str) -> Option<&'static str> {{\n    Some(match name {{"
    );
    for key in keys {
        if let Some(rest) = key.strip_prefix(family).and_then(|rest| rest.strip_prefix('-')) {
            let _ = writeln!(code, "        {rest:?} => {}(),", name(key));
        }
    }
    code.push_str("        _ => return None,\n    })\n}\n\n");
}
