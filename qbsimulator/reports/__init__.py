"""Reports, computed from postings by their dates whenever they are asked for; no balance that is kept has a part in it.

``asking`` reads what all requests for reports have in common, ``periods`` has their days and says them in words,
``filters`` puts their filters into SQL. ``sums`` adds up postings by account and column, ``accounts`` has the chart of
accounts, ``entries``, ``fields`` and ``opens`` the rows and cells of details, and ``layout`` draws it all. Each family
of reports has a module: ``statements``, ``details`` and ``aging``. A type that is in none of their tables answers 1030.
"""
