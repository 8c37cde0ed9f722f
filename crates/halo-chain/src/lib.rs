//! Where code runs: one interface over an embedded EVM and a JSON-RPC node.
