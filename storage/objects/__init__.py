"""Where sealed bytes lie: a folder or an S3 bucket, behind one protocol."""
