"""One engine everywhere: PostgreSQL, by `DATABASE_URL` or started inside the data folder."""
