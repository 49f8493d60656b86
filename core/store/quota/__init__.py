"""Quota in SQL: what is left of each limit, circuit breakers, and cached answers.

    ledger    reserve -> sending -> settle, or expire when the process died; tell: a provider's reading
    view      windows as they stand, the price of calls before they are made
    breaker   models that are not called for a while, shared by all processes
    cache     the answer to the same question, for the same owner

Counters change by single conditional statements and by the database's clock, never by earlier reads: any number of
processes and replicas may share them.
"""
