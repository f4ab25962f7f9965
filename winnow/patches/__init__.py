"""What people decide about single rows: small files in Git that edit, drop or tag a row, or take it down."""
