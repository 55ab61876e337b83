"""Supernets and their search steps as PyTorch users write them; `../step.py` times them."""
