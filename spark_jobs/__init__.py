"""What runs on the cluster: Python 3.8, pyspark, numpy, pyarrow, pillow and onnxruntime; nothing of aerial_ops."""
