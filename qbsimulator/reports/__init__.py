"""Reports, computed from postings by their dates whenever they are asked for; no balance that is kept has a part in it.

``asking`` reads what all report requests have in common, ``periods`` says it in days and in words, ``filters`` in SQL.
``accounts`` has the chart of accounts and the sums of its postings by column, ``layout`` draws columns and rows. Each
family of reports has a module: ``statements``, ``trial``, ``details`` and ``aging``. A report that is in none of their
tables answers 1030.
"""
