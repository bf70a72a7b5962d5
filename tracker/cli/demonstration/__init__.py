"""The demonstration: its data files, and the acts that bring them to life through the commands pages use.

Two stories stand on them: ``half_year`` ends on 3 July 2018 with June half reported, ``year`` on 8 August with
July in every state. Figures of the four public pledges are as printed; everything else is a sample (样例).
"""
