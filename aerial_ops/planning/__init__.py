"""What a job of a given size takes on a cluster of a given size, and what that costs, before anything is rented."""
