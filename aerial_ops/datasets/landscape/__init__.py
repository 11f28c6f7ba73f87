"""A made landscape seen from above at 1 m a pixel. Textures are functions of world coordinates: tiles join without a seam."""
