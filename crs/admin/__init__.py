"""What the staff's screens of all apps share: how they are typed into, sorted, searched, linked, and what they tell.

It has no screens of its own: apps extend `screens.Screen` in their `admin.py`.
"""
