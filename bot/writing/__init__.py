"""Turns retrieved arguments into prose: by a language model, checked sentence by sentence, or without one."""
