"""The Latency page: filters, a table, one chart at a time, and the probe."""
