"""What did each step change?"""
