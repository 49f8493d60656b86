"""Answers in a fixed form: a schema read and made sound, an answer checked against it, repaired, and taken apart.

    reading.read(text)                  a JSON schema, or the short form, as a schema that can be used; BadSchema
    checking.check(text, schema_json)   whether an answer is JSON and fits, or where it does not
    repair.locally(text)                JSON out of a fence, or without what makes it no JSON, and what was done
    fields.names(schema)                the fields of an answer, their values, and whether those are as expected

Nothing here fetches what a schema refers to, and hostile schemas and answers end in bounded time. `jsonschema` is
imported when the first schema is used.
"""
