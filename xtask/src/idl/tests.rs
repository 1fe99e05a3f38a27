//! What a client generator finds in the committed description.

use super::*;
use serde_json::Value;
use zerosum_engine::{
    error::ErrorCode,
    state::book::{BookHeader, Order},
    state::header::Header,
    state::params::Params,
    state::position::Position,
    state::price::{PriceFeed, PriceState},
    state::receipt::Receipt,
    state::seat::Seat,
    state::ticket::Ticket,
};

fn idl() -> Value {
    serde_json::from_str(&fs::read_to_string(path()).unwrap()).unwrap()
}

fn source(file: &str) -> String {
    fs::read_to_string(root().join("programs/zerosum/src").join(file)).unwrap()
}

fn list<'a>(idl: &'a Value, of: &str) -> &'a [Value] {
    idl[of].as_array().map_or(&[], Vec::as_slice)
}

fn names<'a>(idl: &'a Value, of: &str) -> Vec<&'a str> {
    list(idl, of).iter().filter_map(|one| one["name"].as_str()).collect()
}

fn sorted(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_unstable();
    names
}

fn fields<'a>(idl: &'a Value, name: &str) -> &'a [Value] {
    let found = list(idl, "types").iter().find(|of| of["name"] == name);
    let found = found.unwrap_or_else(|| panic!("{name} is not described"));
    assert_eq!(found["repr"]["kind"], "c", "{name} has its fields in their order");
    assert_eq!(found["serialization"], "bytemuck", "{name} is read as bytes");
    found["type"]["fields"].as_array().unwrap()
}

/// The bytes and the alignment of a type in an account.
fn layout(idl: &Value, of: &Value) -> (usize, usize) {
    if let Some(name) = plain::defined(of) {
        return struct_layout(idl, name);
    }
    if let Some([item, count]) = of["array"].as_array().map(Vec::as_slice) {
        let (size, align) = layout(idl, item);
        return (size * count.as_u64().unwrap() as usize, align);
    }
    match of.as_str() {
        Some("u8" | "i8") => (1, 1),
        Some("u16" | "i16") => (2, 2),
        Some("u32" | "i32") => (4, 4),
        Some("u64" | "i64") => (8, 8),
        Some("pubkey") => (32, 1),
        _ => panic!("{of} has no fixed size"),
    }
}

/// The same of a struct, in which nothing may lie between the fields: that is what every generator assumes.
fn struct_layout(idl: &Value, name: &str) -> (usize, usize) {
    let (mut size, mut align) = (0, 1);
    for field in fields(idl, name) {
        let (bytes, alignment) = layout(idl, &field["type"]);
        assert_eq!(size % alignment, 0, "{name}.{}", field["name"]);
        size += bytes;
        align = align.max(alignment);
    }
    assert_eq!(size % align, 0, "{name} ends in padding without a name");
    (size, align)
}

#[test]
fn layouts_are_those_of_the_engine() {
    let idl = idl();
    for (name, size) in [
        ("Header", size_of::<Header>()),
        ("Seat", size_of::<Seat>()),
        ("Position", size_of::<Position>()),
        ("BookHeader", size_of::<BookHeader>()),
        ("Order", size_of::<Order>()),
        ("Ticket", size_of::<Ticket>()),
        ("PriceFeed", size_of::<PriceFeed>()),
        ("PriceState", size_of::<PriceState>()),
        ("Receipt", size_of::<Receipt>()),
        ("Params", size_of::<Params>()),
        ("Market", size_of::<Header>()),
        ("Book", size_of::<BookHeader>()),
        ("PostedPrice", size_of::<PriceFeed>()),
        ("VaultTicket", size_of::<Ticket>()),
    ] {
        assert_eq!(struct_layout(&idl, name).0, size, "{name}");
    }
}

#[test]
fn accounts_are_described_down_to_the_records_behind_their_headers() {
    let idl = idl();
    assert_eq!(names(&idl, "accounts"), ["Book", "Market", "PostedPrice", "VaultTicket"]);
    for (account, parts) in [
        ("Market", vec![("header", "Header"), ("seats", "Seat")]),
        ("Book", vec![("header", "BookHeader"), ("orders", "Order")]),
        ("PostedPrice", vec![("feed", "PriceFeed")]),
        ("VaultTicket", vec![("ticket", "Ticket")]),
    ] {
        let found = fields(&idl, account).iter().map(|field| {
            let of = &field["type"];
            let records = of["array"].as_array().map(|array| &array[0]);
            (field["name"].as_str().unwrap(), plain::defined(records.unwrap_or(of)).unwrap())
        });
        assert_eq!(found.collect::<Vec<_>>(), parts, "{account}");
    }
    let keys = |name| -> Vec<_> {
        let is_key = |field: &&Value| field["type"] == "pubkey";
        fields(&idl, name).iter().filter(is_key).filter_map(|field| field["name"].as_str()).collect()
    };
    assert_eq!(keys("Seat"), ["owner", "delegate", "rent_payer"]);
    assert_eq!(keys("Header").len(), 10);
    assert_eq!(keys("Ticket"), ["market", "owner", "rent_payer"]);
}

#[test]
fn everything_is_described_in_words() {
    let idl = idl();
    for of in list(&idl, "types").iter().chain(list(&idl, "instructions")) {
        assert!(of["docs"].is_array(), "{}", of["name"]);
        let parts = [&of["type"]["fields"], &of["accounts"]];
        for part in parts.into_iter().filter_map(Value::as_array).flatten() {
            assert!(part["docs"].is_array(), "{}.{}", of["name"], part["name"]);
        }
    }
}

#[test]
fn instructions_events_and_errors_are_all_there() {
    let idl = idl();
    let program = source("lib.rs");
    let declared = program.lines().filter_map(|line| line.strip_prefix("    pub fn ")?.split(['(', '<']).next());
    assert_eq!(names(&idl, "instructions"), sorted(declared.collect()));

    let source = source("events.rs");
    let after = |text: &'static str| source.split("#[event]").skip(1).filter_map(move |event| event.split(text).nth(1));
    let declared = after("pub struct ").filter_map(|event| event.split_whitespace().next());
    assert_eq!(names(&idl, "events"), sorted(declared.collect()));

    let errors = list(&idl, "errors");
    assert_eq!(errors.len(), ErrorCode::ALL.len());
    for (error, code) in errors.iter().zip(ErrorCode::ALL) {
        assert_eq!(error["code"], 6_000 + *code as u32);
        assert_eq!(error["name"].as_str().unwrap().to_lowercase(), code.name().to_lowercase());
        assert_eq!(error["msg"], code.message());
    }
}

/// A client derives these by itself.
#[test]
fn addresses_that_the_program_derives_have_their_seeds() {
    let idl = idl();
    let seeds = |instruction: &str, account: &str| {
        let of = list(&idl, "instructions").iter().find(|of| of["name"] == instruction).unwrap();
        let found = of["accounts"].as_array().unwrap().iter().find(|of| of["name"] == account).unwrap();
        found["pda"]["seeds"].as_array().map_or(0, Vec::len)
    };
    for (account, count) in [("market", 3), ("book", 2), ("pool", 2), ("pool_authority", 2)] {
        assert_eq!(seeds("create_market", account), count, "{account}");
    }
    assert_eq!(seeds("request_mint", "ticket"), 3);
}
