"""Reads argument maps from YAML files."""

from bot.maps.catalogue import FolderCatalogue, load_folder, shipped
from bot.maps.files import load_map

__all__ = ["FolderCatalogue", "load_folder", "load_map", "shipped"]
