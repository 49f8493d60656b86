"""How fast models answered, counted as answers end: a histogram a model, measure and span of time, in integers.

    calls row -> write.count -> latency_series, latency_counts, latency_outcomes      in the transaction of the row
    read.series_of, histograms, bands, week, outcomes, newest                         a page's questions

A page never reads the log: what it asks costs as much with a million calls as with ten thousand, because there are
only so many buckets. `buckets` says how exact a bucket is.
"""
