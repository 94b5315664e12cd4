# Comments are written for readers of the source; these rules tell Doxygen which are for it, too.
# The first is the file's; at a line's start one belongs to what follows, behind code to that line.
1s|^/[*] |/** @file\n|
s|^( *)/[*] |\1/** |
s|([;,{].*)/[*] |\1/**< |
s|^( +MLIF_[A-Z_]+ = [0-9]+ +)/[*] |\1/**< |
s|/[*]+ ----|/* ----|
