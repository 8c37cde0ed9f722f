//! What a person writes: Class, Unit, Prime, network and scenario files; units of measure; diagnostics; JSON schema.
