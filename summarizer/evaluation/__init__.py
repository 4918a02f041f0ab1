"""Measuring models: summaries of articles with references, scored, compared with simple baselines and reported.

Imports run one way: metrics and data know nothing of each other; systems, runner, report, tables, plots and page each
build on those before.
"""
