"""How fast models answered, counted as answers end: histograms by model, metric and span of time, in integers.

    calls row -> write.count -> latency_series, latency_counts, latency_outcomes      in the transaction of the row
    read.series_of, histograms, bands, week, outcomes, newest                         a page's questions

A page never reads the log: its queries cost as much with a million calls as with ten thousand, because the number of
buckets is bounded. `buckets` states their precision.
"""
