"""What no change of the code may move: figures, names and error messages, seen from outside the
package.
"""
