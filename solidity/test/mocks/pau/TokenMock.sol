// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @notice A token that behaves, until told how not to.
contract TokenMock {
    enum Answer {
        TRUE,
        NOTHING,
        FALSE,
        TWO_WORDS,
        TWO, // the word 2, which is no boolean
        REVERT
    }

    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    /// @dev As USDT: a standing allowance may only be changed to zero.
    bool public approveOnlyFromZero;
    Answer public approveAnswer;
    Answer public transferAnswer;
    uint256 public transferFee;

    function setApprove(Answer answer) external {
        approveAnswer = answer;
    }

    function setTransfer(Answer answer) external {
        transferAnswer = answer;
    }

    function setApproveOnlyFromZero() external {
        approveOnlyFromZero = true;
    }

    function setTransferFee(uint256 fee) external {
        transferFee = fee;
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function burn(address from, uint256 amount) external {
        balanceOf[from] -= amount;
    }

    function approve(address spender, uint256 amount) external {
        if (approveOnlyFromZero && amount != 0 && allowance[msg.sender][spender] != 0) {
            revert("standing allowance");
        }
        if (_moves(approveAnswer)) allowance[msg.sender][spender] = amount;
        _answer(approveAnswer);
    }

    function transfer(address to, uint256 amount) external {
        if (_moves(transferAnswer)) _move(msg.sender, to, amount);
        _answer(transferAnswer);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        if (_moves(transferAnswer)) _move(from, to, amount);
        _answer(transferAnswer);
    }

    function _move(address from, address to, uint256 amount) private {
        balanceOf[from] -= amount + transferFee;
        balanceOf[to] += amount;
    }

    function _moves(Answer answer) private pure returns (bool) {
        return answer != Answer.FALSE;
    }

    function _answer(Answer answer) private pure {
        if (answer == Answer.REVERT) revert("TokenMock");
        assembly ("memory-safe") {
            switch answer
            case 0 {
                mstore(0, 1)
                return(0, 32)
            }
            case 1 { return(0, 0) }
            case 2 {
                mstore(0, 0)
                return(0, 32)
            }
            case 3 {
                mstore(0, 1)
                mstore(32, 1)
                return(0, 64)
            }
            default {
                mstore(0, 2)
                return(0, 32)
            }
        }
    }
}
