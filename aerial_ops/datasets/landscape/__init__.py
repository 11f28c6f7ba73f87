"""A made landscape seen from above at 1 m a pixel: every texture is a function of world coordinates, so tiles join without a seam."""
