//! What was audited: frozen artifacts, templates.lock, typed bindings; compiling and re-verifying them.
