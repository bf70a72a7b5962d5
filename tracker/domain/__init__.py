"""What is true: pure rules, standard library only, no clock, no input or output."""
