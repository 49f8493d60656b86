"""The quota room, in SQL: what is left of each limit, who is resting, and answers that need not be asked again.

    ledger    reserve -> sending -> settle, or expire when the process died; tell: what a provider said
    view      windows as they stand, the price of calls before they are made
    breaker   who is not asked for a while, shared by all processes
    cache     the answer to the same question, for the same owner

Counters change by single conditional statements and by the database's clock, never by what was read before: any number
of processes and replicas may share them.
"""
