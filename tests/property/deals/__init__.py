"""Made-up lives of deals, what a CRM would tell of them, and what the bridge should make of it."""
