"""A model's performance: from labels, and estimated before they come. Pure functions of arrays.

`performance.measure_binary`, `measure_classes` and `measure_regression` compare labels with scores.
`estimate.ClassifierReference` and `regression.RegressionReference` estimate without labels.
"""
