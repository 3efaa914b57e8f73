"""Speed: latency under load, benchmarks, and the machine that they ran on."""
