"""The words of the program: values go in, English comes out, and nothing here is read back by any other part."""
