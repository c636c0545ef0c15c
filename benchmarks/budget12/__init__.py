"""Five worlds without drift and twelve drifts: how often each rule cries wolf, and what it sees."""
