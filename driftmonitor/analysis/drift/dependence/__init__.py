"""Whether columns of any kind go together as they do in the reference, from counts alone."""
